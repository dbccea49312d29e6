import { Card, Flex, Switch, Typography } from 'antd'
import { api } from '~/api/client'
import { useAction, useLoad } from '~/api/query'
import type { components } from '~/api/schema'
import { useConfirm, useTell } from '~/ui/buttons'
import { Load, Page } from '~/ui/page'
import { categoryWords } from '~/ui/words'

type Body = components['schemas']['CommentSettings']
type Category = keyof components['schemas']['CommentSwitches']

export default function Switches() {
  const tell = useTell()
  const confirm = useConfirm()
  const loaded = useLoad(['settings', 'comments'], (signal) => api.GET('/api/v1/settings/comments', { signal }))
  const save = useAction((body: Body) => api.PUT('/api/v1/settings/comments', { body }), { changes: [['settings', 'comments']], done: () => tell.done('已保存，立即生效'), failed: tell.failed })
  return (
    <Page title="开关" lead="评论开在哪里。关掉后已有的评论收起来，重新打开还在。">
      <Load of={loaded}>
        {(now) => (
          <Card>
            <ul className="lines wide">
              <li><div><strong>全站评论</strong><div className="line-note">关掉后所有文章都不能评论。</div></div>
                <Switch aria-label="全站评论" checked={!!now.open} loading={save.running} onChange={(open) => (open ? void save.run({ open }) : confirm({ title: '关闭全站评论？', content: '会员立即看不到、也不能发表评论；已有的评论保留。', ok: '关闭', danger: true, act: () => save.run({ open: false }) }))} /></li>
              {(Object.keys(categoryWords) as Category[]).map((category) => (
                <li key={category}><span>{categoryWords[category]}</span><Switch aria-label={categoryWords[category]} checked={!!now.categories?.[category]} disabled={!now.open} loading={save.running} onChange={(on) => void save.run({ categories: { [category]: on } })} /></li>
              ))}
            </ul>
            {!now.open && <Flex className="gap-top"><Typography.Text type="secondary">全站评论打开后，各栏目的开关才起作用。</Typography.Text></Flex>}
          </Card>
        )}
      </Load>
    </Page>
  )
}
