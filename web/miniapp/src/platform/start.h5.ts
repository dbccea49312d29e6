/** Style elements made in the browser get the server's nonce, so that the content security policy can refuse all others. */
export function prepare(): void {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')
  const nonce = meta?.nonce || meta?.getAttribute('nonce')
  if (!nonce) return
  const make = Document.prototype.createElement
  Document.prototype.createElement = function createElement(this: Document, name: string, options?: ElementCreationOptions) {
    const element = make.call(this, name, options) as HTMLElement
    if (name.toLowerCase() === 'style') element.nonce = nonce
    return element
  } as typeof make
}
prepare()
