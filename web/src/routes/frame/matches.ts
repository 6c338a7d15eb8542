const initials = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ'

/** The initial consonants of Hangul syllables, other letters as they are: `구매 A` is `ㄱㅁ A`. */
export function initialsOf(text: string): string {
  return [...text]
    .map((letter) => {
      const at = letter.charCodeAt(0) - 0xac00
      return at >= 0 && at < 11_172 ? (initials[Math.floor(at / 588)] ?? letter) : letter
    })
    .join('')
}

/** Whether every word sought occurs in the text, in any order and case; `ㄱㅁ` finds `구매`. */
export function matches(text: string, sought: string): boolean {
  const words = sought.normalize('NFC').toLowerCase().split(/\s+/).filter(Boolean)
  const whole = text.normalize('NFC').toLowerCase()
  const consonants = initialsOf(whole)
  return words.every((word) => whole.includes(word) || (/^[ㄱ-ㅎ]+$/.test(word) && consonants.includes(word)))
}
