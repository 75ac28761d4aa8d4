/** A type that cannot be swapped for another of the same shape. Only `parse*`, `open*` and arithmetic here mint one. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };
