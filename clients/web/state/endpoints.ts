/** Which policy and which models the next runs use; model servers of a person's own stay in this browser. */
import { batch, computed } from '@preact/signals'
import { z } from 'zod'
import type { StartRequest } from '../../../shared/client.ts'
import { PolicyUrl } from '../../../shared/policy-url.ts'
import { HeaderWord } from './api-key.ts'
import { kept } from './preferences.ts'

const Endpoint = z.object({ url: PolicyUrl, key: HeaderWord.nullable() })
export type Endpoint = z.infer<typeof Endpoint>

export const endpoints = kept('endpoints', z.array(Endpoint), [])

const Model = z.string().min(1).nullable()

/** Null: the policy that is configured, its own model, the policy itself for a critic. */
const Choice = z.object({ url: PolicyUrl.nullable(), policy: Model, critic: Model })
const choice = kept('models', Choice, { url: null, policy: null, critic: null })

/** The address of the policy of the next runs; null is the configured one. */
export const chosenUrl = computed(() => choice.value.url)
export const chosenModel = computed(() => choice.value)

export function chooseEndpoint(url: string | null): void {
  if (url !== choice.value.url) choice.value = { url, policy: null, critic: null }
}

export function chooseModel(role: 'policy' | 'critic', model: string | null): void {
  choice.value = { ...choice.value, [role]: model }
}

/** One that is there already gets the new key. */
export function addEndpoint(endpoint: Endpoint): void {
  const others = endpoints.value.filter(({ url }) => url !== endpoint.url)
  endpoints.value = [...others, endpoint]
}

export function removeEndpoint(url: string): void {
  batch(() => {
    endpoints.value = endpoints.value.filter((endpoint) => endpoint.url !== url)
    if (choice.value.url === url) chooseEndpoint(null)
  })
}

/** The part of a run's request that says whom it asks. */
export function modelSettings(): Pick<StartRequest, 'policy' | 'critic'> {
  const { url, policy, critic } = choice.value
  return {
    policy: { ...(url !== null && { base_url: url }), ...(policy !== null && { model: policy }) },
    critic: { ...(critic !== null && { model: critic }) },
  }
}
