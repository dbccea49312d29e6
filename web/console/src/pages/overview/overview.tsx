import { Flex } from 'antd'
import { useMe } from '~/app/me'
import { PrintButton } from '~/ui/buttons'
import { useOrg } from '~/ui/org'
import { Page } from '~/ui/page'
import { now, weekday } from '~/ui/time'
import { Branches } from './branches'
import { Charts } from './charts'
import { NextThings } from './next'

export default function Overview() {
  const { me, office } = useMe()
  const { id, org } = useOrg()
  const today = now()
  return (
    <Page title="总览" lead={`${me?.name ?? ''}，今天是 ${today.format('M月D日')} ${weekday(today)}${org ? `。所看的是${org.name}。` : ''}`} extra={<PrintButton />}>
      {id && (
        <Flex vertical gap={16}>
          <NextThings org={id} key={id} />
          {office && <Branches />}
          <Charts org={id} />
        </Flex>
      )}
    </Page>
  )
}
