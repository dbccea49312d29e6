import { Html } from './base'

/** Text that the server has cleaned (body_html): readable in both clients, pictures within the width. */
export function RichText({ html }: { html: string }) {
  return <Html html={html} />
}
