/* Charts as files. */

export type CellValue = string | number | null

/** What stands behind a chart: the same numbers, to read and to take along. */
export interface TableData {
  columns: { key: string; head: string; end?: boolean; format?: (value: CellValue) => string }[]
  rows: CellValue[][]
}

/** A cell that a spreadsheet would run as a formula is kept a text. */
const harmless = (text: string) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)

function csvCell(value: CellValue): string {
  if (value === null) return ''
  const text = typeof value === 'number' ? (Number.isFinite(value) ? String(value) : '') : harmless(value)
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** RFC 4180 with a byte order mark, so that spreadsheets read Korean. Numbers are plain, not written for the eye. */
export function csvOf(table: TableData): string {
  const lines = [table.columns.map((column) => csvCell(column.head)), ...table.rows.map((row) => row.map(csvCell))]
  return `\uFEFF${lines.map((line) => line.join(',')).join('\r\n')}\r\n`
}

/** A file name out of a title: letters, digits and hyphens of any script. */
export const fileName = (title: string, extension: string): string =>
  `${
    title
      .normalize('NFC')
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 80) || 'gilmok'
  }.${extension}`

const CARRIED = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-opacity',
  'stroke-linecap',
  'stroke-linejoin',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'dominant-baseline',
  'paint-order',
  'visibility',
] as const

/** A copy of a drawn chart that looks the same without the page's styles, under its title, above its source. */
export function standalone(svg: SVGSVGElement, title: string, note: string): SVGSVGElement {
  const copy = svg.cloneNode(true) as SVGSVGElement
  const drawn = [svg, ...svg.querySelectorAll<SVGElement>('*')]
  const copied = [copy, ...copy.querySelectorAll<SVGElement>('*')]
  drawn.forEach((from, index) => {
    const to = copied[index]
    if (!to) return
    const look = getComputedStyle(from)
    const isText = from.tagName === 'text' || from.tagName === 'tspan'
    for (const name of CARRIED) {
      if (!isText && /^(font|text|dominant)/.test(name)) continue
      const value = look.getPropertyValue(name)
      if (value) to.setAttribute(name, value)
    }
    for (const name of ['class', 'style', 'tabindex', 'data-mark', 'role']) to.removeAttribute(name)
  })
  const { width: drawnWidth, height } = svg.getBoundingClientRect()
  const side = 16
  const width = drawnWidth + 2 * side
  const head = 40
  const foot = 28
  const page = getComputedStyle(document.documentElement)
  const body = getComputedStyle(document.body)
  const color = (name: string) => resolved(svg, page.getPropertyValue(name) || `var(${name})`, name)
  const make = (name: string, attributes: Record<string, string | number>, text?: string) => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name)
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
    if (text !== undefined) made.textContent = text
    return made
  }
  const whole = make('svg', {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height: height + head + foot,
    viewBox: `0 0 ${width} ${height + head + foot}`,
  }) as SVGSVGElement
  whole.append(make('rect', { width: '100%', height: '100%', fill: color('--card') }))
  const font = body.fontFamily
  whole.append(
    make(
      'text',
      { x: side, y: 26, 'font-family': font, 'font-size': 15, 'font-weight': 650, fill: color('--ink') },
      title,
    ),
  )
  whole.append(
    make('text', { x: side, y: head + height + 18, 'font-family': font, 'font-size': 11, fill: color('--soft') }, note),
  )
  copy.setAttribute('x', String(side))
  copy.setAttribute('y', String(head))
  copy.setAttribute('width', String(drawnWidth))
  copy.setAttribute('height', String(height))
  whole.append(copy)
  return whole
}

/** A colour token as the theme of the page has it: `light-dark()` means nothing in a file. */
function resolved(near: Element, fallback: string, token: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${token})`
  near.parentElement?.append(probe)
  const color = getComputedStyle(probe).color
  probe.remove()
  return color || fallback
}

export const svgBlob = (svg: SVGSVGElement): Blob =>
  new Blob([new XMLSerializer().serializeToString(svg)], { type: 'image/svg+xml;charset=utf-8' })

/** The chart as a picture at twice its size. Throws when the browser cannot draw it. */
export async function pngBlob(svg: SVGSVGElement): Promise<Blob> {
  const width = Number(svg.getAttribute('width'))
  const height = Number(svg.getAttribute('height'))
  const image = new Image()
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = Math.ceil(width * 2)
  canvas.height = Math.ceil(height * 2)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('no canvas')
  context.scale(2, 2)
  context.drawImage(image, 0, 0, width, height)
  return await new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'),
  )
}
