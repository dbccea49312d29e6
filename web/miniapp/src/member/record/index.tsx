import { useState } from 'react'

import { Card, Empty, Facts, FileButton, Hint, Load, Page, Row, Rows, Segments, useGet } from '@/ui'
import { go } from '@/nav'
import { hours, monthWord, yearsBack } from '@/text/record'

/** What I studied and attended, by month of a year. Nobody else sees it; there is nothing to compare it with. */
export default function StudyRecord() {
  const years = yearsBack(new Date())
  const [year, setYear] = useState(String(years[0]))
  const study = useGet('/me/study', { query: { year: Number(year) } })
  return (
    <Page title="学习记录" who="member" above="mine">
      <Segments label="年份" value={year} options={years.map((y) => ({ value: String(y), text: `${y} 年` }))} onChange={setYear} />
      <Load of={study}>
        {(s) => s.articles + s.meetings === 0 ? (
          <Empty title={`${s.year} 年还没有记录`} text="读完文章、参加会议之后，这里会自动记下，不用填写。" action="去看文章" onAction={() => go('home')} />
        ) : (
          <>
            <Card title={`${s.year} 年`} extra={<FileButton path={`/me/study.pdf?year=${s.year}`} name={`学习记录-${s.year}.pdf`}>存为 PDF</FileButton>}>
              <Facts items={[['学习', `${s.articles} 篇`], ['会议', `${s.meetings} 次`], ['学时', hours(s.hours)]]} />
            </Card>
            <Rows label="按月">
              {s.by_month.filter((m) => m.articles + m.meetings > 0).map((m) => (
                <Row key={m.month} title={monthWord(m.month)} text={`学习 ${m.articles} 篇 · 会议 ${m.meetings} 次`} end={hours(m.hours)} />
              ))}
            </Rows>
          </>
        )}
      </Load>
      <Hint>这份记录只有您自己能看到。学时按文章的参考阅读时间和会议时长计算，不记录您停留了多久。</Hint>
    </Page>
  )
}
