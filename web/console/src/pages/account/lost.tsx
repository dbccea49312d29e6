import { Button, Result } from 'antd'
import { Link } from 'react-router'

export default function Lost() {
  return <Result status="404" title="没有这个页面" subTitle="地址可能写错了，或者页面已经搬走。" extra={<Link to="/"><Button type="primary">回到总览</Button></Link>} />
}
