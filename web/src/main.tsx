import 'pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css'
import './styles/tokens.css'
import './styles/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app'
import { activate } from './lib/i18n'
import { currentPrefs } from './lib/prefs'

const root = document.getElementById('app')
if (!root) throw new Error('index.html has no #app')

const { lang } = currentPrefs()
document.documentElement.lang = lang
await activate(lang)
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
