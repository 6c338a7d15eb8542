;(() => {
  const root = document.documentElement
  let theme = null
  let locale = null
  try {
    theme = localStorage.getItem('gilmok.theme')
    locale = localStorage.getItem('gilmok.locale')
  } catch {
    // Storage may be refused (private windows); the system's own choice then stands.
  }
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme
  root.lang = locale === 'ko' || locale === 'en' ? locale : navigator.language.startsWith('ko') ? 'ko' : 'en'
})()
