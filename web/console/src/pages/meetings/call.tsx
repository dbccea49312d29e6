import { Alert, Skeleton } from 'antd'
import { useState } from 'react'
import { useParams, useSearchParams } from 'react-router'
import { api } from '~/api/client'
import { useLoad } from '~/api/query'
import { useOrg } from '~/ui/org'
import { Load, Nothing, Page } from '~/ui/page'
import { now } from '~/ui/time'
import { fromMeeting, fromTemplate, type Template } from './call-body'
import { CallForm } from './call-form'
import { validDay } from './calendar-days'
import { useMeeting, type Meeting } from './meeting-parts'
import './calendar.css'

/** Calls a meeting, or edits one that was called: the same form. */
export default function CallMeeting() {
  const { id } = useParams()
  return id ? <Edit id={id} /> : <Call />
}

function Call() {
  const { id: org, org: here } = useOrg()
  const [query] = useSearchParams()
  const templates = useLoad(['meetings', 'templates', org], (signal) => api.GET('/api/v1/meetings/templates', { params: { query: { org_id: org } }, signal }), { enabled: !!org, keep: false })
  return (
    <Page title="召集会议" trail={[['会议日历', '/meetings']]} lead={`${here ? `由${here.name}召集。` : ''}选会议类型，核对已填好的内容，就可以召集。`}>
      {!org && <Skeleton active />}
      <Load of={templates} rows={10}>
        {(list) => {
          const first = pick(list.items, query.get('type'))
          if (!first) return <Nothing title="您不能在这个组织召集会议" hint="请在页面顶部换一个组织，或请它的书记召集。" />
          const asked = askedOf(query)
          const start = asked.start ?? (asked.day ? undefined : first.call.starts_at)
          const initial = fromTemplate(first, { start: start ?? undefined, minutes: asked.minutes, event: asked.event })
          // Of a day alone no hour is known: the proposals for that day stand to be chosen from.
          if (asked.day && !asked.start) initial.start = undefined
          return <CallForm key={org} org={org} templates={list.items} initial={initial} asked={asked} />
        }}
      </Load>
    </Page>
  )
}

/** The type in the address, else the first that is owed, else the first. */
function pick(templates: Template[], type: string | null): Template | undefined {
  return templates.find((one) => one.type === type) ?? templates.find((one) => one.owed) ?? templates[0]
}

export interface Asked {
  start?: string
  minutes?: number
  event?: string
  day?: string
}

/** What the address asks for: a slot that was tapped, or a day of the calendar. What lies in the past is left out of account. */
function askedOf(query: URLSearchParams): Asked {
  const at = Date.parse(query.get('starts') ?? '')
  const day = query.get('day') ?? ''
  const minutes = Number(query.get('minutes'))
  return {
    ...(at > Date.now() ? { start: new Date(at).toISOString() } : {}),
    ...(minutes >= 5 && minutes <= 720 ? { minutes } : {}),
    ...(query.get('event') ? { event: query.get('event')! } : {}),
    ...(validDay(day) && day >= now().format('YYYY-MM-DD') ? { day } : {}),
  }
}

function Edit({ id }: { id: string }) {
  const meeting = useMeeting(id)
  // What is being edited stays as it was when it was opened, with its version: a newer one is taken when the person says so.
  const [held, hold] = useState<{ of: Meeting; etag: string | undefined }>()
  if (!held && meeting.data) hold({ of: meeting.data, etag: meeting.etag })
  const trail: [string, string][] = [['会议日历', '/meetings'], [held?.of.topic ?? '会议', `/meetings/${id}`]]
  return (
    <Page title="修改会议" trail={trail}>
      <Load of={meeting} rows={10}>
        {(latest) => {
          const m = held?.of ?? latest
          if (m.state !== 'planned' || !m.can_manage) return <Alert type="warning" showIcon title={!m.can_manage ? '这次会议由别人负责，您不能修改。' : m.state === 'cancelled' ? '会议已取消，不能再修改。' : '会议已结束，不能再修改。'} />
          return <CallForm key={m.version} org={m.org_id} templates={[]} initial={fromMeeting(m)} asked={{}} meeting={m} etag={held?.etag} stale={meeting.reload} latest={() => hold({ of: latest, etag: meeting.etag })} />
        }}
      </Load>
    </Page>
  )
}
