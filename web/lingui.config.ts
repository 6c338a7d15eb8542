import { defineConfig } from '@lingui/cli'
import { formatter } from '@lingui/format-po'

// Source texts are English; Korean is translated by hand. The map has a catalogue of its own, so that its
// messages can be extracted and reviewed apart from the rest.
export default defineConfig({
  sourceLocale: 'en',
  locales: ['en', 'ko'],
  catalogs: [
    { path: 'src/locales/map/{locale}', include: ['src/routes/map', 'src/lib/map'] },
    { path: 'src/locales/app/{locale}', include: ['src'], exclude: ['src/routes/map/**', 'src/lib/map/**'] },
  ],
  orderBy: 'message',
  // Line numbers would change the catalogue with every edit of a file.
  format: formatter({ lineNumbers: false }),
})
