import { Alert, Breadcrumb, Button, Empty, Flex, Result, Skeleton, Typography } from 'antd'
import { useEffect, type ReactNode } from 'react'
import { Link } from 'react-router'
import type { Loaded } from '~/api/query'
import { asProblem, type Fault, type Problem } from '~/api/problem'
import { useLinkTo } from './link'

export interface PageProps {
  title: ReactNode
  /** The title of the browser's tab, where `title` is no plain text. */
  tab?: string
  /** One sentence under the title: what this page is for. */
  lead?: ReactNode
  /** Where one came from, the farthest first: `[['内容', '/content']]`. */
  trail?: [string, string][]
  /** Buttons on the right of the title. */
  extra?: ReactNode
  children?: ReactNode
}

/** Page is the frame of every page: tab title, breadcrumb, heading and buttons. */
export function Page({ title, tab, lead, trail = [], extra, children }: PageProps) {
  const text = tab ?? (typeof title === 'string' ? title : '')
  const to = useLinkTo()
  useEffect(() => {
    document.title = text ? `${text} · 手机党支部` : '手机党支部 · 管理后台'
  }, [text])
  return (
    <article className="page">
      {trail.length > 0 && (
        <Breadcrumb className="page-trail" items={[...trail.map(([name, path]) => ({ title: <Link to={to(path)}>{name}</Link> })), { title: text || title }]} />
      )}
      <Flex wrap align="center" justify="space-between" gap="8px 16px" className="page-head">
        <div>
          <Typography.Title level={1} className="page-title">
            {title}
          </Typography.Title>
          {lead && <Typography.Text type="secondary">{lead}</Typography.Text>}
        </div>
        {extra && (
          <Flex wrap gap={8} className="page-extra no-print">
            {extra}
          </Flex>
        )}
      </Flex>
      {children}
    </article>
  )
}

/** Load shows a skeleton, then the data, or the error with what to do about it. */
export function Load<T>({ of, rows = 6, children }: { of: Loaded<T>; rows?: number; children: (data: T) => ReactNode }) {
  if (of.data !== undefined) {
    return (
      <>
        {of.problem && <ProblemAlert problem={of.problem} retry={of.reload} />}
        {children(of.data)}
      </>
    )
  }
  if (of.problem) return <ProblemPage problem={of.problem} retry={of.reload} />
  return <Skeleton active paragraph={{ rows }} aria-busy />
}

/** ProblemPage stands where a page's content could not be had. */
export function ProblemPage({ problem: error, retry }: { problem: unknown; retry?: () => void }) {
  const problem = asProblem(error)
  const missing = problem.status === 404
  const forbidden = problem.status === 403
  return (
    <Result
      status={missing ? '404' : forbidden ? '403' : 'warning'}
      title={missing ? '没有找到' : problem.title}
      subTitle={
        <>
          {missing ? '它可能已被删除，或者不在您的管理范围内。' : problem.message}
          {problem.requestId && !missing && !forbidden && <div className="request-id">请求编号 {problem.requestId}</div>}
        </>
      }
      extra={
        <Flex justify="center" gap={8} wrap>
          {retry && !missing && !forbidden && (
            <Button type="primary" onClick={retry}>
              重试
            </Button>
          )}
          <Link to="/">
            <Button>回到总览</Button>
          </Link>
        </Flex>
      }
    />
  )
}

/** ProblemAlert stands above what it is about: a form, a list. `faults` are those that no field of the form answers to. */
export function ProblemAlert({ problem: error, faults, retry }: { problem: unknown; faults?: Fault[]; retry?: () => void }) {
  if (!error) return null
  const problem: Problem = asProblem(error)
  const list = faults ?? []
  const onlyBeside = problem.fields.length > 0 && list.length === 0 && faults !== undefined
  return (
    <Alert
      className="problem"
      type="error"
      showIcon
      role="alert"
      title={onlyBeside ? `有 ${problem.fields.length} 处需要修改，请看标红的栏目。` : problem.message}
      description={
        list.length > 0 || (problem.status >= 500 && problem.requestId) ? (
          <>
            {list.length > 0 && (
              <ul className="faults">
                {list.map((fault, i) => (
                  <li key={i}>{fault.detail}</li>
                ))}
              </ul>
            )}
            {problem.status >= 500 && problem.requestId && <span className="request-id">请求编号 {problem.requestId}</span>}
          </>
        ) : undefined
      }
      action={
        retry && (
          <Button size="small" onClick={retry}>
            重试
          </Button>
        )
      }
    />
  )
}

/** Nothing says that there is nothing, and what to do about it. */
export function Nothing({ title, hint, children }: { title: string; hint?: ReactNode; children?: ReactNode }) {
  return (
    <Empty
      image={Empty.PRESENTED_IMAGE_SIMPLE}
      description={
        <>
          <div>{title}</div>
          {hint && <Typography.Text type="secondary">{hint}</Typography.Text>}
        </>
      }
    >
      {children}
    </Empty>
  )
}
