import { createBrowserRouter, type RouteObject } from 'react-router'
import type { ComponentType } from 'react'
import { Crash } from './crash'
import { Shell } from './shell'

type PageModule = () => Promise<{ default: ComponentType }>

/** A page is loaded when it is opened. Its file has one default export, a component without properties. */
function page(path: string, load: PageModule): RouteObject {
  return { path, lazy: async () => ({ Component: (await load()).default }), HydrateFallback: () => null, errorElement: <Crash /> }
}

/** Every address of the console. Below the shell one must be signed in. */
export const routes: RouteObject[] = [
  { ...page('/sign-in', () => import('~/pages/account/sign-in')) },
  { ...page('/setup', () => import('~/pages/account/setup')) },
  {
    element: <Shell />,
    errorElement: <Crash whole />,
    HydrateFallback: () => null,
    children: [
      page('/', () => import('~/pages/overview/overview')),

      // Content
      page('/content', () => import('~/pages/content/list')),
      page('/content/new', () => import('~/pages/content/editor')),
      page('/content/:id', () => import('~/pages/content/editor')),
      page('/content/:id/revisions', () => import('~/pages/content/revisions')),
      page('/moderation', () => import('~/pages/content/moderation')),

      // Meetings
      page('/meetings', () => import('~/pages/meetings/calendar')),
      page('/meetings/new', () => import('~/pages/meetings/call')),
      page('/meetings/slots', () => import('~/pages/meetings/slots')),
      page('/meetings/:id', () => import('~/pages/meetings/meeting')),
      page('/meetings/:id/edit', () => import('~/pages/meetings/call')),
      page('/meetings/:id/minutes', () => import('~/pages/meetings/minutes')),
      page('/actions', () => import('~/pages/meetings/actions')),

      // Pushes
      page('/pushes', () => import('~/pages/pushes/list')),
      page('/pushes/new', () => import('~/pages/pushes/compose')),
      page('/pushes/:id', () => import('~/pages/pushes/push')),
      page('/reminders', () => import('~/pages/pushes/reminders')),
      page('/reminders/new', () => import('~/pages/pushes/reminder')),
      page('/reminders/:id', () => import('~/pages/pushes/reminder')),

      // Organisation
      page('/organisation', () => import('~/pages/organisation/tree')),
      page('/organisation/roster', () => import('~/pages/organisation/roster')),
      page('/organisation/import', () => import('~/pages/organisation/import')),
      page('/organisation/members/:id', () => import('~/pages/organisation/member')),
      page('/organisation/handovers', () => import('~/pages/organisation/handovers')),
      page('/organisation/handovers/:id', () => import('~/pages/organisation/handover')),

      // Suggestions
      page('/suggestions', () => import('~/pages/suggestions/list')),
      page('/suggestions/:id', () => import('~/pages/suggestions/suggestion')),

      // Supervision
      page('/supervision', () => import('~/pages/supervision/radar')),
      page('/supervision/obligations', () => import('~/pages/supervision/obligations')),
      page('/supervision/work-record', () => import('~/pages/supervision/work-record')),
      page('/supervision/annual-check', () => import('~/pages/supervision/annual-check')),
      page('/supervision/progress', () => import('~/pages/supervision/progress')),

      // Audit and settings
      page('/audit', () => import('~/pages/audit/audit')),
      page('/settings', () => import('~/pages/settings/settings')),
      page('/settings/templates', () => import('~/pages/settings/templates')),
      page('/settings/policy', () => import('~/pages/settings/policy')),
      page('/settings/switches', () => import('~/pages/settings/switches')),
      page('/settings/calendar', () => import('~/pages/settings/calendar')),
      page('/settings/privacy', () => import('~/pages/settings/privacy')),
      page('/settings/accounts', () => import('~/pages/settings/accounts')),

      // One's own account
      page('/account', () => import('~/pages/account/account')),
      page('*', () => import('~/pages/account/lost')),
    ],
  },
  {
    // Screens without the shell, signed in all the same.
    element: <Shell bare />,
    errorElement: <Crash whole />,
    HydrateFallback: () => null,
    children: [page('/meetings/:id/host', () => import('~/pages/meetings/host'))],
  },
]

export function makeRouter() {
  return createBrowserRouter(routes, { basename: '/console' })
}
