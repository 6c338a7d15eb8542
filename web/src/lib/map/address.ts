import { type Days, readView, type ViewSearch } from '../period'

/** The whole state of the map page, kept in its URL. */
export interface MapSearch extends ViewSearch {
  persona?: string
  /** Compare with this segment instead of with everybody. */
  compare_segment?: string
  /** Keys of lanes not shown, joined by commas. */
  hide?: string
}

/** Reads the address of a map; what is not understood is dropped. */
export function readMapSearch(raw: Record<string, unknown>): MapSearch {
  const search: MapSearch = readView(raw)
  for (const key of ['persona', 'compare_segment', 'hide'] as const) {
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
  from?: string
  to?: string
  segment?: string
  persona?: string
  compare: 'none' | 'previous' | 'custom'
  compare_from?: string
  compare_to?: string
  compare_segment?: string
}

/**
 * The question of an address, its days resolved. Comparing with a segment keeps the days, so that only the people differ,
 * unless own days of comparison were chosen too.
 */
export function mapQuery(search: MapSearch, days: Days, before: Days | null): MapQuery {
  const query: MapQuery = { from: days.from, to: days.to, compare: 'none' }
  if (search.segment) query.segment = search.segment
  if (search.persona) query.persona = search.persona
  if (search.compare_segment) {
    const own = search.compare === 'custom' && before ? before : days
    return {
      ...query,
      compare: 'custom',
      compare_from: own.from,
      compare_to: own.to,
      compare_segment: search.compare_segment,
    }
  }
  if (before === null) return query
  if (search.compare !== 'custom') return { ...query, compare: 'previous' }
  return { ...query, compare: 'custom', compare_from: before.from, compare_to: before.to }
}
