import { i18n, type Messages } from '@lingui/core'
import type { Lang } from './text'

const load: Record<Lang, () => Promise<Messages>> = {
  async ko() {
    const [app, map] = await Promise.all([import('~/locales/app/ko.po'), import('~/locales/map/ko.po')])
    return { ...map.messages, ...app.messages }
  },
  async en() {
    const [app, map] = await Promise.all([import('~/locales/app/en.po'), import('~/locales/map/en.po')])
    return { ...map.messages, ...app.messages }
  },
}

/** Loads the catalogue of `lang` and makes it the one shown. */
export async function activate(lang: Lang) {
  i18n.loadAndActivate({ locale: lang, messages: await load[lang]() })
}

export { i18n }
