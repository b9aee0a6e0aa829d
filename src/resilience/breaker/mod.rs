//! What keeps calls from a service that fails.
