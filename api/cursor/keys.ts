import { SettingsError } from '../../shared/settings.ts'
import { type Cipher, type CursorNatives, join, webNatives } from './natives.ts'

type Bytes = Uint8Array<ArrayBuffer>

export interface Key {
  /** Of this key and tenant: four bytes that tell nothing of either. */
  id: Bytes
  cipher: Cipher
}

export type Keyring = readonly [Key, ...Key[]]

/**
 * The keys of each tenant, in the order given. Each key is imported once, and a tenant's ids are
 * computed once: tenants are few, since only configured ones are known. Throws a `SettingsError`
 * when a key is not one.
 */
export function createKeyring(
  keys: readonly string[],
  cipherOf: CursorNatives['cipher'],
): (tenant: string) => Promise<Keyring> {
  const [first, ...others] = keys.map(decodeKey)
  if (first === undefined) throw new SettingsError('TPO_CURSOR_KEYS: there is no key')
  let imported: Promise<(tenant: string) => Promise<Keyring>> | undefined
  const keyrings = new Map<string, Promise<Keyring>>()

  const importKeys = async () => {
    const imports = others.map((key) => importKey(key, cipherOf))
    const [firstOf, ...othersOf] = await Promise.all([importKey(first, cipherOf), ...imports])
    return async (tenant: string): Promise<Keyring> =>
      Promise.all([firstOf(tenant), ...othersOf.map((keyOf) => keyOf(tenant))])
  }

  return (tenant) => {
    const known = keyrings.get(tenant)
    if (known !== undefined) return known
    const made = (imported ??= importKeys()).then((keyringOf) => keyringOf(tenant))
    keyrings.set(tenant, made)
    return made
  }
}

const idBytes = 4

async function importKey(
  raw: Bytes,
  cipherOf: CursorNatives['cipher'],
): Promise<(tenant: string) => Promise<Key>> {
  const cipher = await cipherOf(raw)
  return async (tenant) => {
    const named = join(raw, new TextEncoder().encode(tenant))
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', named))
    return { id: digest.slice(0, idBytes), cipher }
  }
}

function decodeKey(text: string): Bytes {
  const urlSafe = text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
  const key = bytesOf(urlSafe)
  if (key?.length === 32 && webNatives.toBase64Url(key) === urlSafe) return key
  throw new SettingsError(
    'TPO_CURSOR_KEYS: each key must be 32 bytes in base64 (such as `openssl rand -base64 32` prints), separated by commas',
  )
}

function bytesOf(text: string): Bytes | undefined {
  try {
    return webNatives.fromBase64Url(text)
  } catch {
    return undefined
  }
}
