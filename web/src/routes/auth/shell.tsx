import { type ReactNode, useEffect } from 'react'
import { setLang, usePrefs } from '~/lib/prefs'
import { Button, Toasts } from '~/lib/ui'
import styles from './auth.module.css'

/** The page around the forms before sign-in: name, a sentence, the language. */
export function AuthShell({
  title,
  lead,
  aside,
  children,
}: {
  title: string
  lead?: ReactNode
  aside?: ReactNode
  children: ReactNode
}) {
  const { lang } = usePrefs()
  useEffect(() => {
    document.title = `${title} · 길목`
  }, [title])
  return (
    <div className={styles.shell}>
      <header className={styles.top}>
        <span className={styles.brand}>길목</span>
        <Button variant="quiet" size="s" onPress={() => setLang(lang === 'ko' ? 'en' : 'ko')}>
          <span lang={lang === 'ko' ? 'en' : 'ko'}>{lang === 'ko' ? 'English' : '한국어'}</span>
        </Button>
      </header>
      <main className={styles.middle}>
        <div className={styles.words}>
          <h1>{title}</h1>
          {lead && <p className={styles.lead}>{lead}</p>}
          {aside}
        </div>
        <div className={styles.form}>{children}</div>
      </main>
      <Toasts />
    </div>
  )
}

/** The picture of the welcome page: a journey with its feeling, assumed and measured. */
export function JourneyPicture() {
  const stops = [12, 92, 172, 252, 332]
  return (
    <svg viewBox="0 0 344 120" className={styles.picture} aria-hidden="true">
      {stops.map((x) => (
        <line key={x} x1={x} x2={x} y1="8" y2="112" className={styles.guide} />
      ))}
      <path d="M12 56 C52 56 52 46 92 44 S132 38 172 36 S212 50 252 46 S292 28 332 24" className={styles.assumed} />
      <path d="M12 58 C52 58 52 44 92 46 S132 96 172 94 S212 66 252 62 S292 30 332 28" className={styles.band} />
      <path d="M12 58 C52 58 52 44 92 46 S132 96 172 94 S212 66 252 62 S292 30 332 28" className={styles.measured} />
      {[58, 46, 94, 62, 28].map((y, at) => (
        <circle key={y} cx={stops[at]} cy={y} r="4.5" className={at === 2 ? styles.badStop : styles.stop} />
      ))}
    </svg>
  )
}
