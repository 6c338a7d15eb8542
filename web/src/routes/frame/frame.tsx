import { Trans, useLingui } from '@lingui/react/macro'
import { useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { Button as AriaButton, RouterProvider as AriaRouter } from 'react-aria-components'
import { ApiError } from '~/lib/api/client'
import { authState } from '~/lib/api/queries'
import { Icon, type IconName, isComposing, Loading, Page, PeopleDrawerHost, Skeleton, Toasts } from '~/lib/ui'
import styles from './frame.module.css'
import { Palette } from './palette'

/** The rooms that exist, in their order. */
export function useRooms(): {
  to: '/journeys' | '/explore' | '/people' | '/data'
  under: string[]
  label: string
  icon: IconName
}[] {
  const { t } = useLingui()
  return [
    { to: '/journeys', under: ['/journeys', '/maps'], label: t`Journeys`, icon: 'journey' },
    { to: '/explore', under: ['/explore', '/sql'], label: t`Explore`, icon: 'explore' },
    { to: '/people', under: ['/people', '/segments'], label: t`People`, icon: 'people' },
    { to: '/data', under: ['/data'], label: t`Data`, icon: 'data' },
  ]
}

/** The rail, the page, and what floats over every page. */
export function Frame() {
  const { t } = useLingui()
  const navigate = useNavigate()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const rooms = useRooms()
  const [paletteOpen, setPaletteOpen] = useState(false)
  const main = useRef<HTMLElement>(null)
  const lastPath = useRef(path)
  useSignedOut()

  useEffect(() => {
    const open = (event: KeyboardEvent) => {
      if (isComposing(event)) return
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        setPaletteOpen((isOpen) => !isOpen)
      }
    }
    window.addEventListener('keydown', open)
    return () => window.removeEventListener('keydown', open)
  }, [])

  // A new page starts at its head for screen readers and keyboard too.
  useEffect(() => {
    if (lastPath.current === path) return
    lastPath.current = path
    main.current?.focus({ preventScroll: true })
  }, [path])

  return (
    <AriaRouter navigate={(to) => navigate({ to })}>
      <PeopleDrawerHost>
        <a href="#main" className={styles.skip}>
          <Trans>Skip to the page</Trans>
        </a>
        <div className={styles.frame}>
          <nav className={styles.rail} aria-label={t`Rooms`} data-print="hide">
            <Link to="/journeys" className={styles.brand} aria-label={t`Gilmok, journeys`}>
              길목
            </Link>
            <ul className={styles.rooms}>
              {rooms.map((room) => {
                const isHere = room.under.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))
                return (
                  <li key={room.to}>
                    <Link
                      to={room.to}
                      className={styles.room}
                      aria-current={isHere ? 'page' : undefined}
                      data-here={isHere || undefined}
                    >
                      <Icon name={room.icon} size={18} />
                      {room.label}
                    </Link>
                  </li>
                )
              })}
            </ul>
            <div className={styles.below}>
              <AriaButton
                className={styles.room}
                onPress={() => setPaletteOpen(true)}
                aria-keyshortcuts="Meta+K Control+K"
              >
                <Icon name="search" size={18} />
                <Trans>Find</Trans>
              </AriaButton>
              <Link
                to="/settings"
                className={styles.room}
                aria-current={path === '/settings' ? 'page' : undefined}
                data-here={path === '/settings' || undefined}
              >
                <Icon name="settings" size={18} />
                <Trans>Settings</Trans>
              </Link>
            </div>
          </nav>
          <main id="main" ref={main} tabIndex={-1} className={styles.main}>
            <Outlet />
          </main>
        </div>
        <Palette isOpen={paletteOpen} onOpenChange={setPaletteOpen} />
        <Toasts />
      </PeopleDrawerHost>
    </AriaRouter>
  )
}

/** Sends the reader to the sign-in page, and back afterwards, when the session has ended meanwhile. */
function useSignedOut() {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const here = useRouterState({ select: (state) => state.location.href })
  useEffect(
    () =>
      queries.getQueryCache().subscribe((event) => {
        if (event.type !== 'updated' || event.action.type !== 'error') return
        const { error } = event.action
        if (!(error instanceof ApiError) || error.status !== 401) return
        queries.setQueryData(authState.queryKey, (state) => state && { ...state, user: null })
        void navigate({ to: '/sign-in', search: { next: here } })
      }),
    [queries, navigate, here],
  )
}

/** The shape of a page while its code and first numbers are on their way. */
export function PageLoading() {
  return (
    <Page>
      <Loading>
        <Skeleton width="180px" height="28px" />
        <div style={{ height: 24 }} />
        <Skeleton height="320px" radius="12px" />
      </Loading>
    </Page>
  )
}
