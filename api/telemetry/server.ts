import { attribute } from '../../shared/telemetry/names.ts'
import type { Attributes } from '../../shared/telemetry/traced.ts'

/** Where a server is, as attributes of the spans that ask it. */
export function serverAttributes(url: string): Attributes {
  const { hostname, port, protocol } = new URL(url)
  return {
    [attribute.serverAddress]: hostname,
    [attribute.serverPort]: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  }
}
