/** Up to which seq the parts of each class of a stream are erased, and the seq of the entry that says so. */
export type ErasedClasses = { readonly [of: string]: { readonly through: number; readonly seq: number } };
