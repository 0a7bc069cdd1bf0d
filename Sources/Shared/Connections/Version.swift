/// The version of this product, without a leading v. Wheel, shim and plugin carry the same.
package let productVersion = "0.1.0"
