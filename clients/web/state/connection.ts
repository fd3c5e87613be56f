/** The one way to the API. */
import { computed, signal } from '@preact/signals'
import { TpoClient } from '../../../shared/client.ts'

/** The API key of this browser, where the server asks for one. */
const apiKey = signal<string | undefined>(undefined)

export const client = computed(
  () => new TpoClient({ baseUrl: location.origin, apiKey: apiKey.value }),
)
