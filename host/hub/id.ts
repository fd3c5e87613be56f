/** A model on the hub, at one revision. */
export interface HubModel {
  /** Such as `org/name`. */
  id: string
  /** A branch, a tag or a commit. */
  revision: string
}

const form = /^([a-z\d][\w.-]*\/[a-z\d][\w.-]*)(?:@([\w.-]+(?:\/[\w.-]+)*))?$/i

/** Reads `org/name` or `org/name@revision`; undefined where the text is neither. */
export function parseHubModel(text: string): HubModel | undefined {
  const [, id, revision = 'main'] = form.exec(text) ?? []
  // Both become part of a path in the cache.
  if (id === undefined || text.includes('..') || id.includes('--')) return undefined
  return { id, revision }
}
