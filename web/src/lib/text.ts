/** The languages of the product. */
export type Lang = 'ko' | 'en'

/** A text in one language for everybody, or in Korean and English (as in documents and problems). */
export type Text = string | { ko: string; en: string }

/** The text for a reader of `lang`. */
export function say(text: Text | null | undefined, lang: Lang): string {
  if (text == null) return ''
  return typeof text === 'string' ? text : text[lang]
}

/** `text` with the reader's language replaced; the other language keeps its words. */
export function rewrite(text: Text | null | undefined, lang: Lang, words: string): Text {
  return text == null || typeof text === 'string' ? words : { ...text, [lang]: words }
}

/** A text for all readers as one in both languages. */
export function inBoth(text: Text | null | undefined): Text {
  const words = say(text, 'ko')
  return text != null && typeof text !== 'string' ? text : { ko: words, en: words }
}

/** The kinds of Korean particle whose form depends on the sound before it: after a final consonant / after a vowel. */
export type Josa = '을/를' | '이/가' | '은/는' | '과/와' | '으로/로' | '이라/라'

/** Digits as they are read aloud in Sino-Korean: whether 0–9 end in a final consonant, and which end in ㄹ. */
const digitClosed = [true, true, false, true, false, false, true, true, true, false]
const digitRieul = [false, true, false, false, false, false, false, true, true, false]
/** Latin letters whose Korean names end in a final consonant: 엘 엠 엔 알. */
const letterClosed = /[lmnr]$/i

/** `word` with the fitting form of a particle: `josa('고객', '을/를')` is `고객을`. Looks past quotes and brackets. */
export function josa(word: string, particle: Josa): string {
  const [closed = '', open = ''] = particle.split('/')
  const last = word.replace(/[\s'"”’)\]}.,]+$/u, '').slice(-1)
  let isClosed = false
  let isRieul = false
  const code = last.charCodeAt(0)
  if (code >= 0xac00 && code <= 0xd7a3) {
    const final = (code - 0xac00) % 28
    isClosed = final !== 0
    isRieul = final === 8
  } else if (/\d/.test(last)) {
    isClosed = digitClosed[Number(last)] ?? false
    isRieul = digitRieul[Number(last)] ?? false
  } else if (last === '%') {
    isClosed = false // 퍼센트
  } else {
    isClosed = letterClosed.test(last)
    isRieul = /[lr]$/i.test(last)
  }
  const slidesOn = particle === '으로/로' && isRieul
  return word + (isClosed && !slidesOn ? closed : open)
}
