/**
 * Pasted markup is never shown as it came: styles and scripts are taken away as text, before the browser reads it, because the content security policy
 * complains of each style that is parsed; the tree is then rebuilt from what an article may hold. The server cleans once more when it is kept.
 */
export function undressed(html: string): string {
  return html
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .replaceAll(/<(style|script|xml|head|title|iframe|object|svg|math|template|noscript)\b[\s\S]*?(<\/\1\s*>|$)/gi, '')
    .replaceAll(/\s(style|on\w+|srcset|background)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, '')
}

/** Pictures of other hosts are not asked for: the page may not, and the server fetches them once when the article is saved. */
export function held(html: string): string {
  return html.replaceAll(/<img\b[^>]*>/gi, (tag) => {
    const src = /\s(?:data-src|src)\s*=\s*"(https?:[^"]*)"/i.exec(tag)?.[1] ?? ''
    if (!src || /\ssrc\s*=\s*"\/files\//i.test(tag)) return tag
    const alt = /\salt\s*=\s*"([^"]*)"/i.exec(tag)?.[1] ?? ''
    return `<img data-from="${src}" alt="${alt || '图片，保存后显示'}">`
  })
}

/** The way back: what is saved names the picture's source. */
export function released(html: string): string {
  return html.replaceAll(/<img\b[^>]*>/gi, (tag) => {
    const from = /\sdata-from\s*=\s*"([^"]*)"/i.exec(tag)?.[1]
    if (!from) return tag
    const alt = /\salt\s*=\s*"([^"]*)"/i.exec(tag)?.[1] ?? ''
    return `<img src="${from}" alt="${alt === '图片，保存后显示' ? '' : alt}">`
  })
}

const KEEP = new Set(['P', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'UL', 'OL', 'LI', 'TABLE', 'THEAD', 'TBODY', 'TR', 'TH', 'TD', 'BLOCKQUOTE', 'STRONG', 'B', 'EM', 'I', 'U', 'S', 'SUB', 'SUP', 'BR', 'HR', 'A', 'IMG', 'FIGURE', 'FIGCAPTION', 'CAPTION', 'PRE', 'CODE'])
const BLOCKS = new Set(['DIV', 'SECTION', 'ARTICLE', 'HEADER', 'FOOTER', 'MAIN'])
const ATTRIBUTES: Record<string, string[]> = { A: ['href'], IMG: ['src', 'data-from', 'alt'], TD: ['colspan', 'rowspan'], TH: ['colspan', 'rowspan'], OL: ['start'] }

/** pasted is what of a clipboard's markup goes into the editor. */
export function pasted(html: string): string {
  const page = new DOMParser().parseFromString(held(undressed(html)), 'text/html')
  tidy(page.body)
  return page.body.innerHTML
}

function tidy(parent: Element): void {
  for (const child of [...parent.children]) {
    tidy(child)
    const holdsBlocks = [...child.children].some((inner) => /^(P|H\d|UL|OL|TABLE|BLOCKQUOTE|FIGURE|HR)$/.test(inner.tagName))
    if (!KEEP.has(child.tagName)) {
      if (BLOCKS.has(child.tagName) && !holdsBlocks && child.textContent?.trim()) {
        const p = child.ownerDocument.createElement('p')
        p.append(...child.childNodes)
        child.replaceWith(p)
      } else child.replaceWith(...child.childNodes)
      continue
    }
    const own = ATTRIBUTES[child.tagName] ?? []
    for (const { name, value } of [...child.attributes]) if (!own.includes(name) || /^\s*(javascript|data|file|vbscript):/i.test(value)) child.removeAttribute(name)
    if (child.tagName === 'IMG' && !child.getAttribute('src')?.startsWith('/files/') && !child.hasAttribute('data-from')) child.remove()
  }
}
