import { digestOf } from '../../digest.ts'

/** Stands for a cursor key where it is to be told whether two processes have the same; tells nothing of it. */
export const nameOfKey = async (cursorKey: string): Promise<string> =>
  (await digestOf(`the cursor key ${cursorKey}`)).slice(0, 16)
