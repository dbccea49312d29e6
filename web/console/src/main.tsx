import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { RouterProvider } from 'react-router/dom'
import { newQueryClient } from './api/query'
import { makeRouter } from './app/routes'
import { giveStylesTheNonce, Theme } from './app/theme'
import './style.css'

giveStylesTheNonce()
const queries = newQueryClient()
const router = makeRouter()

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Theme>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Theme>
  </StrictMode>,
)
