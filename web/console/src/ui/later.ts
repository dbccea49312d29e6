import { useEffect, useState } from 'react'

/** useLater follows a value once it has stood still for a while, so that nobody is asked with each key. */
export function useLater<T>(value: T, milliseconds = 400): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds)
    return () => clearTimeout(timer)
  }, [value, milliseconds])
  return settled
}
