import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { authState } from './lib/api/queries'
import {
  readAttributionSearch,
  readChannelSearch,
  readCompareSearch,
  readConformanceSearch,
  readCrossSellSearch,
  readFunnelSearch,
  readLifecycleSearch,
  readPathSearch,
  readRetentionSearch,
  readTrendSearch,
} from './lib/explore/address'
import { readView } from './lib/period'
import { Crashed, NotFound } from './routes/frame/crashed'
import { Frame, PageLoading } from './routes/frame/frame'
import { readMapSearch } from './routes/map/search'
import { readPeopleSearch } from './routes/people/search'
import { readSqlSearch } from './routes/sql/search'

/* All addresses of the app. A page's whole state is its path and search: `read…` keeps what is understood. */

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  errorComponent: Crashed,
  notFoundComponent: NotFound,
})

const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  component: lazyRouteComponent(() => import('./routes/auth/set-up'), 'SetUpPage'),
  beforeLoad: async ({ context }) => {
    const state = await context.queries.ensureQueryData(authState)
    if (!state.setup_needed) throw redirect({ to: '/' })
  },
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('./routes/auth/sign-in'), 'SignInPage'),
  validateSearch: (raw: Record<string, unknown>): { next?: string } =>
    // Only paths of this app: a full address would let a link send people elsewhere after signing in.
    typeof raw.next === 'string' && /^\/(?![/\\])/.test(raw.next) ? { next: raw.next } : {},
  beforeLoad: async ({ context }) => {
    const state = await context.queries.ensureQueryData(authState)
    if (state.setup_needed) throw redirect({ to: '/welcome' })
    if (state.user) throw redirect({ to: '/' })
  },
})

/** Everything inside needs a signed-in user. */
const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  component: Frame,
  pendingComponent: PageLoading,
  errorComponent: Crashed,
  notFoundComponent: NotFound,
  beforeLoad: async ({ context, location }) => {
    const state = await context.queries.ensureQueryData(authState)
    if (state.setup_needed) throw redirect({ to: '/welcome' })
    if (!state.user) throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { next: location.href } })
  },
})

const home = createRoute({
  getParentRoute: () => frame,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/journeys' })
  },
})

const journeys = createRoute({
  getParentRoute: () => frame,
  path: '/journeys',
  validateSearch: readView,
  component: lazyRouteComponent(() => import('./routes/journeys/journeys'), 'JourneysPage'),
})

const newJourney = createRoute({
  getParentRoute: () => frame,
  path: '/journeys/new',
  component: lazyRouteComponent(() => import('./routes/journeys/new-journey'), 'NewJourneyPage'),
  validateSearch: (raw: Record<string, unknown>): { from?: 'yaml' } => (raw.from === 'yaml' ? { from: 'yaml' } : {}),
})

const editJourney = createRoute({
  getParentRoute: () => frame,
  path: '/journeys/$key/edit',
  component: lazyRouteComponent(() => import('./routes/journey-editor/page'), 'JourneyEditorPage'),
  validateSearch: (raw: Record<string, unknown>): { as?: 'yaml' } => (raw.as === 'yaml' ? { as: 'yaml' } : {}),
})

const map = createRoute({
  getParentRoute: () => frame,
  path: '/maps/$key',
  validateSearch: readMapSearch,
  component: lazyRouteComponent(() => import('./routes/map/page'), 'MapPage'),
})

const people = createRoute({
  getParentRoute: () => frame,
  path: '/people',
  validateSearch: readPeopleSearch,
  component: lazyRouteComponent(() => import('./routes/people/people'), 'PeoplePage'),
})

const person = createRoute({
  getParentRoute: () => frame,
  path: '/people/$person',
  component: lazyRouteComponent(() => import('./routes/people/person'), 'PersonPage'),
})

const segments = createRoute({
  getParentRoute: () => frame,
  path: '/segments',
  validateSearch: (raw: Record<string, unknown>): { search?: string } =>
    (typeof raw.search === 'string' && raw.search) || typeof raw.search === 'number'
      ? { search: String(raw.search) }
      : {},
  component: lazyRouteComponent(() => import('./routes/segments/list'), 'SegmentsPage'),
})

const newSegment = createRoute({
  getParentRoute: () => frame,
  path: '/segments/new',
  // The segment it begins as a copy of. A key may be a number.
  validateSearch: (raw: Record<string, unknown>): { from?: string } =>
    (typeof raw.from === 'string' && raw.from) || typeof raw.from === 'number' ? { from: String(raw.from) } : {},
  component: lazyRouteComponent(() => import('./routes/segments/page'), 'NewSegmentPage'),
})

const editSegment = createRoute({
  getParentRoute: () => frame,
  path: '/segments/$key/edit',
  component: lazyRouteComponent(() => import('./routes/segments/page'), 'SegmentPage'),
})

const sql = createRoute({
  getParentRoute: () => frame,
  path: '/sql',
  validateSearch: readSqlSearch,
  component: lazyRouteComponent(() => import('./routes/sql/page'), 'SqlPage'),
})

const explore = createRoute({
  getParentRoute: () => frame,
  path: '/explore',
  component: lazyRouteComponent(() => import('./routes/explore/home'), 'ExploreHome'),
})

const funnel = createRoute({
  getParentRoute: () => frame,
  path: '/explore/funnel',
  validateSearch: readFunnelSearch,
  component: lazyRouteComponent(() => import('./routes/explore/funnel'), 'FunnelPage'),
})

const trends = createRoute({
  getParentRoute: () => frame,
  path: '/explore/trends',
  validateSearch: readTrendSearch,
  component: lazyRouteComponent(() => import('./routes/explore/trends'), 'TrendsPage'),
})

const paths = createRoute({
  getParentRoute: () => frame,
  path: '/explore/paths',
  validateSearch: readPathSearch,
  component: lazyRouteComponent(() => import('./routes/explore/paths'), 'PathsPage'),
})

const channels = createRoute({
  getParentRoute: () => frame,
  path: '/explore/channels',
  validateSearch: readChannelSearch,
  component: lazyRouteComponent(() => import('./routes/explore/channels'), 'ChannelsPage'),
})

const retention = createRoute({
  getParentRoute: () => frame,
  path: '/explore/retention',
  validateSearch: readRetentionSearch,
  component: lazyRouteComponent(() => import('./routes/explore/retention'), 'RetentionPage'),
})

const lifecycle = createRoute({
  getParentRoute: () => frame,
  path: '/explore/lifecycle',
  validateSearch: readLifecycleSearch,
  component: lazyRouteComponent(() => import('./routes/explore/lifecycle'), 'LifecyclePage'),
})

const attribution = createRoute({
  getParentRoute: () => frame,
  path: '/explore/attribution',
  validateSearch: readAttributionSearch,
  component: lazyRouteComponent(() => import('./routes/explore/attribution'), 'AttributionPage'),
})

const conformance = createRoute({
  getParentRoute: () => frame,
  path: '/explore/conformance',
  validateSearch: readConformanceSearch,
  component: lazyRouteComponent(() => import('./routes/explore/conformance'), 'ConformancePage'),
})

const crossSell = createRoute({
  getParentRoute: () => frame,
  path: '/explore/cross-sell',
  validateSearch: readCrossSellSearch,
  component: lazyRouteComponent(() => import('./routes/explore/cross-sell'), 'CrossSellPage'),
})

const compare = createRoute({
  getParentRoute: () => frame,
  path: '/explore/compare',
  validateSearch: readCompareSearch,
  component: lazyRouteComponent(() => import('./routes/explore/compare'), 'ComparePage'),
})

const data = createRoute({
  getParentRoute: () => frame,
  path: '/data',
  beforeLoad: () => {
    throw redirect({ to: '/data/sources' })
  },
})

const sources = createRoute({
  getParentRoute: () => frame,
  path: '/data/sources',
  // The upload being mapped: a reload or a sent link comes back to its mapping.
  validateSearch: (raw: Record<string, unknown>): { upload?: string; file?: string } =>
    typeof raw.upload === 'string' && raw.upload
      ? { upload: raw.upload, ...(typeof raw.file === 'string' ? { file: raw.file } : {}) }
      : {},
  component: lazyRouteComponent(() => import('./routes/data/sources'), 'SourcesPage'),
})

const deadLetters = createRoute({
  getParentRoute: () => frame,
  path: '/data/dead-letters',
  component: lazyRouteComponent(() => import('./routes/data/dead-letters'), 'DeadLettersPage'),
  validateSearch: (
    raw: Record<string, unknown>,
  ): { code?: string; source?: string; replayed?: boolean; open?: number } => ({
    ...(typeof raw.code === 'string' && raw.code ? { code: raw.code } : {}),
    // A source may be called by a number.
    ...((typeof raw.source === 'string' && raw.source) || typeof raw.source === 'number'
      ? { source: String(raw.source) }
      : {}),
    ...(raw.replayed === true ? { replayed: true } : {}),
    ...(Number.isSafeInteger(raw.open) ? { open: Number(raw.open) } : {}),
  }),
})

const events = createRoute({
  getParentRoute: () => frame,
  path: '/data/events',
  component: lazyRouteComponent(() => import('./routes/data/events'), 'EventsPage'),
  validateSearch: (raw: Record<string, unknown>): { search?: string; sort?: string; open?: string } => ({
    ...(typeof raw.search === 'string' && raw.search ? { search: raw.search } : {}),
    ...(typeof raw.sort === 'string' && raw.sort ? { sort: raw.sort } : {}),
    ...(typeof raw.open === 'string' && raw.open ? { open: raw.open } : {}),
  }),
})

const settings = createRoute({
  getParentRoute: () => frame,
  path: '/settings',
  component: lazyRouteComponent(() => import('./routes/settings/settings'), 'SettingsPage'),
})

export const routeTree = root.addChildren([
  welcome,
  signIn,
  frame.addChildren([
    home,
    journeys,
    newJourney,
    editJourney,
    map,
    people,
    person,
    segments,
    newSegment,
    editSegment,
    explore,
    funnel,
    trends,
    paths,
    channels,
    retention,
    lifecycle,
    attribution,
    conformance,
    crossSell,
    compare,
    sql,
    data,
    sources,
    deadLetters,
    events,
    settings,
  ]),
])
