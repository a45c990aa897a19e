"""What drives the library from frameworks: one module each, imported by name.

Rules for this package: a module imports the one library it is named after, and nothing here is
imported by the core. What a module needs is installed by the extra of the same name.
"""
