/** Hands a file to the browser, which asks or saves as its reader has set it. */
export function saveFile(blob: Blob, name: string) {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has taken hold of it by then; an address kept longer would keep the bytes.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
