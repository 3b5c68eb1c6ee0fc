/** A bar as long as a share in [0, 1]; the number stands beside it. */
export function Bar({ share }: { readonly share: number }) {
  return (
    <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="bar-ground" width="100" height="10" />
      <rect class="bar-fill" width={100 * Math.min(1, Math.max(0, share))} height="10" />
    </svg>
  );
}
