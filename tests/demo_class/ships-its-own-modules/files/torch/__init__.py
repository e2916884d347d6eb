Tensor = object
