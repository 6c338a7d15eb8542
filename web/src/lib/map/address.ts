import { type Days, readView, type ViewSearch } from '../period'

/** The whole state of the map page, kept in its URL. */
export interface MapSearch extends ViewSearch {
  /** Compare with this segment instead of with everybody. */
  compare_segment?: string
  /** Keys of lanes not shown, joined by commas. */
  hide?: string
}

/** Reads the address of a map; what is not understood is dropped. */
export function readMapSearch(raw: Record<string, unknown>): MapSearch {
  const search: MapSearch = readView(raw)
  for (const key of ['compare_segment', 'hide'] as const) {
    const value = raw[key]
    if (typeof value === 'string' && value !== '') search[key] = value
  }
  return search
}

/** Keys of the lanes that an address hides. */
export const hiddenLanes = (search: MapSearch): string[] => search.hide?.split(',').filter(Boolean) ?? []

/** The address with a lane hidden or shown. */
export function withHidden(search: MapSearch, lane: string, isHidden: boolean): MapSearch {
  const others = hiddenLanes(search).filter((key) => key !== lane)
  const hide = (isHidden ? [...others, lane] : others).join(',')
  return { ...search, hide: hide || undefined }
}

/** What `GET /maps/{key}` is asked. */
export interface MapQuery {
  from: string
  to: string
  segment?: string
  persona?: string
  compare: 'none' | 'previous' | 'custom'
  compare_from?: string
  compare_to?: string
  compare_segment?: string
  compare_persona?: string
}

/**
 * The question of an address, its days resolved. Comparing with a segment keeps the days, so that only the people differ,
 * unless own days of comparison were chosen too; own days keep the people.
 */
export function mapQuery(search: MapSearch, days: Days, before: Days | null): MapQuery {
  const { segment, persona, compare_segment } = search
  const query: MapQuery = {
    from: days.from,
    to: days.to,
    ...(segment ? { segment } : {}),
    ...(persona ? { persona } : {}),
    compare: 'none',
  }
  const isOwn = search.compare === 'custom' && before !== null
  if (!compare_segment && !isOwn) return before === null ? query : { ...query, compare: 'previous' }
  const against = compare_segment ?? segment
  const compared = isOwn ? before : days
  return {
    ...query,
    compare: 'custom',
    compare_from: compared.from,
    compare_to: compared.to,
    ...(against ? { compare_segment: against } : {}),
    ...(persona ? { compare_persona: persona } : {}),
  }
}
