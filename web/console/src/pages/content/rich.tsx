import { Button, Input, Modal } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { upload } from './upload'
import { held, pasted, released } from './markup'

/** RichText is the text of an article: a plain editable region, which the server cleans. What is pasted comes in clean. */
export function RichText({ value, onChange, wrong, failed }: { value: string; onChange: (html: string) => void; wrong: boolean; failed: (error: unknown) => void }) {
  const text = useRef<HTMLDivElement>(null)
  const said = useRef<string | null>(null)
  const range = useRef<Range | null>(null)
  const [link, setLink] = useState<string | null>(null)
  useEffect(() => {
    // Only what came from elsewhere is written into the region: writing back what was typed would move the caret.
    if (!text.current || said.current === value) return
    said.current = value
    text.current.innerHTML = value ? pasted(value) : ''
  }, [value])
  const tell = () => {
    const region = text.current!
    const empty = !region.textContent?.trim() && !region.querySelector('img, table, hr')
    said.current = empty ? '' : released(region.innerHTML)
    onChange(said.current)
  }
  const insert = (html: string) => {
    text.current!.focus()
    if (range.current) {
      const selection = window.getSelection()
      selection?.removeAllRanges()
      selection?.addRange(range.current)
      range.current = null
    }
    document.execCommand('insertHTML', false, html)
    tell()
  }
  const remember = () => {
    const selection = window.getSelection()
    range.current = selection && selection.rangeCount > 0 && text.current!.contains(selection.anchorNode) ? selection.getRangeAt(0).cloneRange() : null
  }
  const does = (command: string, argument?: string) => () => {
    text.current!.focus()
    document.execCommand(command, false, argument)
    tell()
  }
  const pictures = async (files: File[]) => {
    remember()
    for (const file of files) {
      try {
        const made = await upload(file)
        insert(`<p><img src="${made.url}" alt=""></p>`)
      } catch (error) {
        failed(error)
      }
    }
  }
  const tools: [string, string, () => void][] = [
    ['标题', '小标题', does('formatBlock', 'h2')], ['正文', '正文段落', does('formatBlock', 'p')], ['粗', '加粗', does('bold')],
    ['• 列表', '项目列表', does('insertUnorderedList')], ['1. 列表', '编号列表', does('insertOrderedList')], ['引用', '引用', does('formatBlock', 'blockquote')],
    ['链接', '加链接', () => { remember(); setLink('') }], ['撤销', '撤销', does('undo')],
  ]
  return (
    <div className={wrong ? 'rich wrong' : 'rich'}>
      <div className="rich-bar" role="toolbar" aria-label="正文格式">
        {tools.map(([name, what, act]) => <Button key={name} size="small" aria-label={what} onMouseDown={(event) => event.preventDefault()} onClick={act}>{name}</Button>)}
        <Button size="small" onMouseDown={(event) => event.preventDefault()} onClick={() => {
          const picker = document.createElement('input')
          picker.type = 'file'
          picker.accept = 'image/jpeg,image/png,image/webp'
          picker.multiple = true
          picker.onchange = () => void pictures([...(picker.files ?? [])])
          picker.click()
        }}>图片</Button>
      </div>
      <div
        ref={text} className="rich-text article-text" contentEditable suppressContentEditableWarning role="textbox" aria-multiline aria-label="正文" tabIndex={0}
        data-placeholder="在这里写，或从 Word、公众号粘贴：标题、列表、表格和图片会保留，样式会去掉。"
        onInput={tell} onBlur={tell}
        onPaste={(event) => {
          const html = event.clipboardData.getData('text/html')
          const files = [...event.clipboardData.files].filter((file) => file.type.startsWith('image/'))
          if (html) {
            event.preventDefault()
            insert(held(pasted(html)))
          } else if (files.length > 0) {
            event.preventDefault()
            void pictures(files)
          }
        }}
        onDrop={(event) => {
          event.preventDefault()
          const files = [...event.dataTransfer.files].filter((file) => file.type.startsWith('image/'))
          const html = event.dataTransfer.getData('text/html')
          if (files.length > 0) void pictures(files)
          else if (html) insert(pasted(html))
        }}
      />
      <Modal title="加链接" open={link !== null} okText="加上" cancelText="取消" okButtonProps={{ disabled: !/^https?:\/\/\S+$/.test(link ?? '') }} onCancel={() => setLink(null)} onOk={() => {
        const address = link!.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
        const words = document.createElement('i')
        words.textContent = range.current?.toString() || link!
        setLink(null)
        insert(`<a href="${address}">${words.innerHTML}</a>`)
      }}>
        <Input aria-label="网址" value={link ?? ''} placeholder="https://…" onChange={(event) => setLink(event.target.value.trim())} />
      </Modal>
    </div>
  )
}
