/** The API key of this browser, where the server asks for one. */
import { batch, computed } from '@preact/signals'
import { z } from 'zod'
import { kept } from './preferences.ts'

/** What a header takes. */
export const HeaderWord = z.string().regex(/^[\x21-\x7e]+$/)

const Key = HeaderWord.nullable()
const ofTab = kept('api-key', Key, null, () => sessionStorage)
const ofDevice = kept('api-key', Key, null)

export const apiKey = computed(() => ofTab.value ?? ofDevice.value)

/** `remember`: beyond this tab. */
export const keepApiKey = (key: string, remember: boolean) =>
  batch(() => {
    ofTab.value = remember ? null : key
    ofDevice.value = remember ? key : null
  })

export const forgetApiKey = () =>
  batch(() => {
    ofTab.value = null
    ofDevice.value = null
  })
