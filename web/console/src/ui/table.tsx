import { Button, Card, Flex, Grid, Skeleton, Table, type TableProps } from 'antd'
import { useRef, type ReactNode } from 'react'
import type { Pages } from '~/api/query'
import { CopyButton } from './buttons'
import { Nothing, ProblemAlert, ProblemPage } from './page'

export interface PagedTableProps<T extends object> extends Omit<TableProps<T>, 'dataSource' | 'pagination' | 'loading'> {
  pages: Pages<T>
  /** How a row looks on a phone, where a table would be pushed sideways. */
  card?: (row: T) => ReactNode
  /** What is said when there is nothing: that there is nothing, and what to do. */
  empty: ReactNode
  /** Names the table for those who do not see it. */
  label: string
}

/** cellsOf is a table as it is shown, in the way that spreadsheets take it. */
function cellsOf(section: HTMLElement | null): string {
  const rows = [...(section?.querySelectorAll<HTMLTableRowElement>('tr:not([aria-hidden])') ?? [])]
  return rows.map((row) => [...row.cells].map((cell) => cell.innerText.replaceAll(/\s+/g, ' ').trim()).join('\t')).join('\n')
}

/** PagedTable is a list of the API: a table on a desk, cards on a phone, with a button for the next page since the API has no page numbers. */
export function PagedTable<T extends object>({ pages, card, empty, label, rowKey = 'id', ...rest }: PagedTableProps<T>) {
  const wide = Grid.useBreakpoint().md
  const section = useRef<HTMLElement>(null)
  if (pages.problem && pages.items.length === 0) return <ProblemPage problem={pages.problem} retry={pages.reload} />
  if (pages.loading) return <Skeleton active paragraph={{ rows: 8 }} aria-busy />
  const keyOf = (row: T, index: number) => (typeof rowKey === 'function' ? rowKey(row, index) : (row as Record<string, React.Key>)[rowKey as string])
  return (
    <section aria-label={label} className="paged" ref={section}>
      {pages.problem && <ProblemAlert problem={pages.problem} retry={pages.reload} />}
      {pages.items.length === 0 ? (
        typeof empty === 'string' ? <Nothing title={empty} /> : empty
      ) : card && wide === false ? (
        <Flex vertical gap={8} role="list">
          {pages.items.map((row, i) => (
            <Card key={keyOf(row, i)} size="small" role="listitem">
              {card(row)}
            </Card>
          ))}
        </Flex>
      ) : (
        <>
          <Table<T> {...rest} rowKey={rowKey} dataSource={pages.items} pagination={false} loading={pages.refreshing && !pages.loadingMore && { delay: 400 }} scroll={rest.scroll ?? (card ? undefined : { x: 'max-content' })} />
          <Flex justify="end" className="no-print"><CopyButton size="small" type="text" text={() => cellsOf(section.current)} what="已拷贝，可粘贴到表格">拷贝本表</CopyButton></Flex>
        </>
      )}
      {pages.more && (
        <Flex justify="center" className="more no-print">
          <Button onClick={pages.loadMore} loading={pages.loadingMore}>
            再看一页
          </Button>
        </Flex>
      )}
    </section>
  )
}
