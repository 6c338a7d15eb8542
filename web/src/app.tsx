import { I18nProvider } from '@lingui/react'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createRouter, RouterProvider } from '@tanstack/react-router'
import { useEffect } from 'react'
import { I18nProvider as AriaLocale } from 'react-aria-components'
import { ApiError } from './lib/api/client'
import { activate, i18n } from './lib/i18n'
import { usePrefs } from './lib/prefs'
import { routeTree } from './router'

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // A refusal stays one; only what looks like a passing fault is tried again.
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
})

const router = createRouter({
  routeTree,
  context: { queries },
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

export function App() {
  const { lang } = usePrefs()
  useEffect(() => {
    if (i18n.locale !== lang) void activate(lang)
  }, [lang])
  return (
    <I18nProvider i18n={i18n}>
      <AriaLocale locale={lang === 'ko' ? 'ko-KR' : 'en-US'}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </AriaLocale>
    </I18nProvider>
  )
}
