export { type MapSearch, readMapSearch } from '~/lib/map/address'
