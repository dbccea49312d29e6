/** Every page of the client by its name, so that a link is never a loose text. Pushes of the server name these paths too: they may not be changed. */
export const pages = {
  home: 'pages/home/index',
  article: 'pages/article/detail',
  search: 'pages/search/index',
  meetings: 'pages/meeting/list',
  meeting: 'pages/meeting/detail',
  minutes: 'pages/meeting/minutes',
  suggestions: 'pages/suggestion/list',
  suggestion: 'pages/suggestion/detail',
  suggest: 'pages/suggestion/write',
  inbox: 'pages/notice/index',
  action: 'pages/action/detail',
  handover: 'pages/handover/detail',
  mine: 'pages/mine/index',
  signin: 'pages/signin/index',
  consent: 'pages/consent/index',
  bind: 'pages/bind/index',
  console: 'pages/console/index',

  checkin: 'member/checkin/index',
  ballot: 'member/ballot/index',
  actions: 'member/actions/index',
  record: 'member/record/index',
  reminders: 'member/reminders/index',
  favourites: 'member/favourites/index',
  privacy: 'member/privacy/index',

  desk: 'secretary/desk/index',
  post: 'secretary/post/index',
  callMeeting: 'secretary/call/index',
  pushPlan: 'secretary/plan/index',
  moderate: 'secretary/moderate/index',
  answer: 'secretary/answer/index',
  writeMinutes: 'secretary/minutes/index',
  attendance: 'secretary/attendance/index',
} as const

/** The name of a page. */
export type PageName = keyof typeof pages

/** The five places of the bar below. */
export const tabs = [
  { page: 'home', text: '首页', icon: 'home' },
  { page: 'meetings', text: '会议', icon: 'calendar' },
  { page: 'suggestions', text: '建议', icon: 'bulb' },
  { page: 'inbox', text: '消息', icon: 'bell' },
  { page: 'mine', text: '我的', icon: 'user' },
] as const satisfies readonly { page: PageName; text: string; icon: string }[]
