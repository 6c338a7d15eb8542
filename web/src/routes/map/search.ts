import { readView, type ViewSearch } from '~/lib/period'

export type MapSearch = ViewSearch

/** Reads the address of a map. */
export function readMapSearch(raw: Record<string, unknown>): MapSearch {
  return readView(raw)
}
