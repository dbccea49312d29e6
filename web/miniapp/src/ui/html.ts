/** The server's HTML as the mini-program's rich text can show it: classes for what the style sheet of a page cannot reach by tag, and whole addresses. */
export function readable(html: string, server: string): string {
  return html
    .replace(/<(h[1-6]|p|ul|ol|li|blockquote|table|th|td|img|a|pre|code|figure|figcaption|em)(\s|>|\/)/g, '<$1 class="html-$1"$2')
    .replace(/(\ssrc=")\/(?!\/)/g, `$1${server}/`)
}
