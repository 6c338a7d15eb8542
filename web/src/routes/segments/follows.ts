/** What has to be asked anew when a segment changes: lists and sizes, and every answer its people may be in. */
export const FOLLOWS = ['documents', 'groups', 'people', 'people-of', 'ask', 'journeys', 'stages', 'map']
