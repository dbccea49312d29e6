import { go } from '@/nav'
import { fromNow } from '@/text/time'
import { stateWords } from '@/pages/suggestion/words'
import { Button, Page, PagedList, Row, Tag, usePages } from '@/ui'

/** My suggestions and what became of them. */
export default function Suggestions() {
  const list = usePages('/suggestions', { query: { box: 'mine' } })
  return (
    <Page title="建议" tab who="member" end={<Button kind="link" small onTap={() => go('suggest')}>写建议</Button>}>
      <Button wide onTap={() => go('suggest')}>写意见建议</Button>
      <PagedList of={list} label="我的建议" empty={{ title: '还没有提过建议', text: '可以实名，也可以匿名。每一条都有期限，答复会通知您。' }} row={(s) => (
        <Row title={s.title} text={`${s.to_org.name} · ${fromNow(s.created_at)}`} end={<Tag tone={s.state === 'replied' ? 'good' : 'accent'}>{stateWords[s.state] ?? s.state}</Tag>} to="suggestion" params={{ id: s.id }} />
      )} />
    </Page>
  )
}
