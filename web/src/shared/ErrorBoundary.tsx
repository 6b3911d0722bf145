import { Component, type ComponentType, type ReactNode } from 'react';

interface Props {
  children: ReactNode;
  fallback: ComponentType<{ error: Error }>;
}

/** Keeps a failing part from taking the whole page away. */
export class ErrorBoundary extends Component<Props, { error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { fallback: Fallback, children } = this.props;
    return this.state.error ? <Fallback error={this.state.error} /> : children;
  }
}
