/** Logging in, where the server asks for an API key. */
import { computed, signal } from '@preact/signals'
import { ProblemError, TpoClient } from '../../../shared/client.ts'
import { apiKey, HeaderWord, keepApiKey } from './api-key.ts'
import { type Failure, failureOf } from './failure.ts'

const asking = signal<PromiseWithResolvers<boolean> | null>(null)

/** Whether a person is asked for the key. */
export const loginAsked = computed(() => asking.value !== null)

/** Asks a person for the key; false where they would rather not. All who ask share one answer. */
export function askForKey(): Promise<boolean> {
  asking.value ??= Promise.withResolvers<boolean>()
  return asking.value.promise
}

export function answerLogin(loggedIn: boolean): void {
  asking.value?.resolve(loggedIn)
  asking.value = null
}

/** Keeps the key if the server takes it, and lets those who wait for it go on. */
export async function logIn(key: string, remember: boolean): Promise<'in' | 'wrong' | Failure> {
  if (!HeaderWord.safeParse(key).success) return 'wrong'
  try {
    await new TpoClient({ baseUrl: location.origin, apiKey: key }).backends()
  } catch (error) {
    if (!(error instanceof ProblemError)) return failureOf(error)
    if (error.problem.code === 'unauthorized') return 'wrong'
  }
  keepApiKey(key, remember)
  answerLogin(true)
  return 'in'
}

const withKey: typeof fetch = (input, init = {}) => {
  const headers = new Headers(init.headers)
  if (apiKey.value !== null) headers.set('authorization', `Bearer ${apiKey.value}`)
  return fetch(input, { ...init, headers })
}

/** Sends with the key of this browser; where another is wanted, asks a person and sends again. */
const asksForKey: typeof fetch = async (input, init) => {
  for (;;) {
    const sent = apiKey.value
    const response = await withKey(input, init)
    if (response.status !== 401) return response
    // While this one was under way, somebody may have logged in.
    if (apiKey.value === sent && !(await askForKey())) return response
  }
}

/** `quiet`: nobody is asked for the key, for what happens by itself. */
export const fetchAs = (quiet: boolean): typeof fetch => (quiet ? withKey : asksForKey)
