// GNUstep's Foundation asks for it; nothing that is checked uses it.
